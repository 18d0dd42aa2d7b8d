/* Preloaded: the system's clocks, ahead by what a file says, as after a suspend (both) or a clock that was set (wall). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static int (*real)(clockid_t, struct timespec *);
static volatile int64_t *ahead; /* seconds: of the wall clock, of the one that counts sleep */

__attribute__((constructor)) static void begin(void) {
    int fd = open(getenv("AHEAD"), O_RDONLY | O_CLOEXEC);
    real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    ahead = mmap(NULL, 2 * sizeof *ahead, PROT_READ, MAP_SHARED, fd, 0);
}

int clock_gettime(clockid_t id, struct timespec *now) {
    int code = real ? real(id, now) : -1;
    if (!code && id == CLOCK_REALTIME) now->tv_sec += ahead[0];
    if (!code && id == CLOCK_BOOTTIME) now->tv_sec += ahead[1];
    return code;
}
