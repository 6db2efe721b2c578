"""Lead scores: rules over events, points that fade, and the reasons behind them."""
