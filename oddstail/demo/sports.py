"""Who plays what: sports, teams, players, and how each sport scores. Tables only; knows no price."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """A player's count that books price, with the mean and deviation of a typical player."""

    name: str
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sport:
    """One league as the simulation needs it. Figures are in the sport's own points."""

    id: str
    league: str
    teams: tuple[str, ...]
    games: int
    total: float
    margin_deviation: float
    total_deviation: float
    home_edge: float
    # Points of one score, and the chance that books suspend the game after it.
    scores: tuple[int, ...]
    suspends: float
    line_step: float
    # How often the ball changes hands after a score: keeps a margin within what the books expect.
    turns: float = 0.0
    # From the first whistle to the last, by the clock on the wall.
    hours: float
    # Baseball and hockey price the move instead of moving the line: always 1.5.
    fixed_spread: float | None = None
    three_way: bool = False
    # The part of the game that is also priced, and its share of the whole.
    period: str | None = None
    share: float = 0.5
    # Quarters, innings, sets; the minutes of one, 0 where no clock runs.
    periods: int = 4
    minutes: int = 0
    stats: tuple[Stat, ...] = ()

    @property
    def rests(self) -> bool:
        """Whether there is a half-time that everybody is told of."""
        return self.period is not None and self.share == 0.5


_NBA = (
    "Atlanta Hawks|Boston Celtics|Brooklyn Nets|Charlotte Hornets|Chicago Bulls|Cleveland Cavaliers|"
    "Dallas Mavericks|Denver Nuggets|Detroit Pistons|Golden State Warriors|Houston Rockets|Indiana Pacers|"
    "Los Angeles Clippers|Los Angeles Lakers|Memphis Grizzlies|Miami Heat|Milwaukee Bucks|"
    "Minnesota Timberwolves|New Orleans Pelicans|New York Knicks|Oklahoma City Thunder|Orlando Magic|"
    "Philadelphia 76ers|Phoenix Suns|Portland Trail Blazers|Sacramento Kings|San Antonio Spurs|"
    "Toronto Raptors|Utah Jazz|Washington Wizards"
)
_NFL = (
    "Arizona Cardinals|Atlanta Falcons|Baltimore Ravens|Buffalo Bills|Carolina Panthers|Chicago Bears|"
    "Cincinnati Bengals|Cleveland Browns|Dallas Cowboys|Denver Broncos|Detroit Lions|Green Bay Packers|"
    "Houston Texans|Indianapolis Colts|Kansas City Chiefs|Los Angeles Rams|Miami Dolphins|"
    "Minnesota Vikings|New England Patriots|New York Giants|New York Jets|Philadelphia Eagles|"
    "Pittsburgh Steelers|San Francisco 49ers|Seattle Seahawks|Tampa Bay Buccaneers"
)
_MLB = (
    "Arizona Diamondbacks|Atlanta Braves|Baltimore Orioles|Boston Red Sox|Chicago Cubs|Chicago White Sox|"
    "Cincinnati Reds|Cleveland Guardians|Colorado Rockies|Detroit Tigers|Houston Astros|Kansas City Royals|"
    "Los Angeles Angels|Los Angeles Dodgers|Miami Marlins|Milwaukee Brewers|Minnesota Twins|New York Mets|"
    "New York Yankees|Philadelphia Phillies|San Diego Padres|San Francisco Giants|Seattle Mariners|"
    "Texas Rangers|Toronto Blue Jays|Washington Nationals"
)
_NHL = (
    "Anaheim Ducks|Boston Bruins|Buffalo Sabres|Calgary Flames|Carolina Hurricanes|Chicago Blackhawks|"
    "Colorado Avalanche|Dallas Stars|Detroit Red Wings|Edmonton Oilers|Florida Panthers|Los Angeles Kings|"
    "Minnesota Wild|Montreal Canadiens|New Jersey Devils|New York Rangers|Ottawa Senators|"
    "Pittsburgh Penguins|Seattle Kraken|Tampa Bay Lightning|Toronto Maple Leafs|Vancouver Canucks|"
    "Vegas Golden Knights|Winnipeg Jets"
)
_EPL = (
    "Arsenal|Aston Villa|Bournemouth|Brentford|Brighton|Burnley|Chelsea|Crystal Palace|Everton|Fulham|"
    "Leeds United|Liverpool|Manchester City|Manchester United|Newcastle United|Nottingham Forest|"
    "Sunderland|Tottenham Hotspur|West Ham United|Wolverhampton Wanderers"
)
# A tournament of people who do not exist: no real player is given a price that nobody made.
_TENNIS = (
    "Adrian Volkov|Ben Castellane|Cyril Montreuil|Dario Bellini|Elias Nordgren|Felipe Aranda|Gregor Haas|"
    "Hugo Lindqvist|Ivan Petrescu|Jannes Verbeek|Kenji Morita|Luca Ferrandi|Marek Dvorsky|Nils Oberg|"
    "Oscar Delmas|Pablo Requena|Quentin Marchal|Rafael Ibarra|Stefan Kovac|Tomas Hajek"
)

SPORTS: tuple[Sport, ...] = (
    Sport(
        id="basketball",
        league="NBA",
        teams=tuple(_NBA.split("|")),
        games=5,
        total=226.0,
        margin_deviation=12.0,
        total_deviation=17.0,
        home_edge=2.2,
        scores=(2, 2, 3, 1),
        periods=4,
        minutes=12,
        suspends=0.02,
        line_step=1.0,
        hours=2.3,
        turns=0.55,
        period="1h",
        stats=(
            Stat(name="points", mean=21.5, deviation=6.5),
            Stat(name="rebounds", mean=7.5, deviation=2.8),
        ),
    ),
    Sport(
        id="football",
        league="NFL",
        teams=tuple(_NFL.split("|")),
        games=3,
        total=45.0,
        margin_deviation=12.5,
        total_deviation=12.5,
        home_edge=1.7,
        scores=(7, 3, 7, 3),
        periods=4,
        minutes=15,
        suspends=0.7,
        line_step=0.5,
        hours=3.1,
        turns=0.3,
        period="q1",
        share=0.25,
        stats=(Stat(name="passing_yards", mean=238.5, deviation=62.0),),
    ),
    Sport(
        id="baseball",
        league="MLB",
        teams=tuple(_MLB.split("|")),
        games=4,
        total=8.6,
        margin_deviation=4.1,
        total_deviation=4.3,
        home_edge=0.2,
        scores=(1, 1, 2),
        periods=9,
        minutes=0,
        suspends=0.6,
        line_step=0.5,
        hours=2.8,
        fixed_spread=1.5,
        stats=(
            Stat(name="strikeouts", mean=5.5, deviation=2.1),
            Stat(name="hits", mean=1.1, deviation=0.9),
        ),
    ),
    Sport(
        id="hockey",
        league="NHL",
        teams=tuple(_NHL.split("|")),
        games=3,
        total=6.1,
        margin_deviation=2.5,
        total_deviation=2.3,
        home_edge=0.25,
        scores=(1,),
        periods=3,
        minutes=20,
        suspends=0.9,
        line_step=0.5,
        hours=2.5,
        fixed_spread=1.5,
        stats=(Stat(name="shots_on_goal", mean=2.7, deviation=1.5),),
    ),
    Sport(
        id="soccer",
        league="EPL",
        teams=tuple(_EPL.split("|")),
        games=3,
        total=2.7,
        margin_deviation=1.7,
        total_deviation=1.6,
        home_edge=0.3,
        scores=(1,),
        periods=2,
        minutes=45,
        suspends=1.0,
        line_step=0.5,
        hours=1.9,
        three_way=True,
    ),
    Sport(
        id="tennis",
        league="ATP Wimbledon",
        teams=tuple(_TENNIS.split("|")),
        games=3,
        total=38.0,
        margin_deviation=5.5,
        total_deviation=6.0,
        home_edge=0.0,
        scores=(1,),
        periods=4,
        minutes=0,
        suspends=0.06,
        line_step=1.0,
        hours=2.4,
        turns=0.2,
    ),
)

_FIRST = (
    "Andre",
    "Bryce",
    "Caleb",
    "Darius",
    "Emmett",
    "Finn",
    "Gideon",
    "Harlan",
    "Isaiah",
    "Jonah",
    "Kellan",
)
_LAST = ("Ashford", "Bellweather", "Cormier", "Drayton", "Eastman", "Fairburn", "Garrity", "Hollins", "Ivory")


def player(number: int) -> str:
    """The nth invented player; the list repeats only after all pairs of names."""
    return f"{_FIRST[number % len(_FIRST)]} {_LAST[number // len(_FIRST) % len(_LAST)]}"
