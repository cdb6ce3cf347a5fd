"""The event stream of the distributed edition: each service's log is relayed to one Kafka topic,
and every service reads the topic.

The relay (relay.py) is one more cursor on the log. The source (source.py) keeps its positions in
the service's own database, in the transaction of the effects; what Kafka knows of them is a copy
for operators. clients.py says why each setting of a client is what it is, wire.py how an event
looks as a record, topic.py how the topic has to be.
"""
