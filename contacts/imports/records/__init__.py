"""Files whose rows are no people: products, orders with lines and refunds, events. Written by domain functions."""
