"""What all markets are worth: latest prices, best price, hold and fair price. Pure: no clock, no I/O."""
