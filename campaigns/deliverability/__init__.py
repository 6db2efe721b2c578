"""What bounces and complaints mean for the next mail: excluded addresses, soft bounces in a row, complaint rates."""
