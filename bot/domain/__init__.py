"""What a change is and what follows from what: pure, no I/O, no clock, no chance."""
