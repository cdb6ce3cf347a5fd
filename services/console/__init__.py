"""The web pages: queues, one referral, sign-in; and the read model behind them."""
