"""Pages of products and orders."""
