"""The theoretical minimum margin of a book as risk, size and measure vary, and the least collateral that proves it."""
