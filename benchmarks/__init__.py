"""What the program costs, and what it is worth, measured."""
