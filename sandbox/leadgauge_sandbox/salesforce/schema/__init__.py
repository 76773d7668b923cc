"""What objects and fields there are, and how `describe` tells them."""
