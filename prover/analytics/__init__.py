"""What a trader asks beyond the margin itself: where it comes from, when it runs out, what still fits."""
