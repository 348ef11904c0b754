"""What is usually done instead, written as well as we can, to be measured beside us in the same run."""
