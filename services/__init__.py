"""The five services. They share contracts, policy and chassis, and never import each other."""
