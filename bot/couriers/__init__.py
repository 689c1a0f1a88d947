"""Where parcels are asked for: kuaidi100 over the network, and the round that asks. The rules are ``services.couriers``."""
