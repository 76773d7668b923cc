"""Changes as they happen: change data capture over the Pub/Sub API (gRPC and Avro).

`messages` and `pubsub` speak the API, `bitmaps` and `events` read what it says, `subscription` keeps a channel open,
`listening` turns events into what is due, `concerns` says which changes concern which stream, `channel` makes the
channel in the org, `checking` and `reaching` say what is wrong, and `allocation` knows how many events a day it may
deliver.

Only `messages`, `pubsub`, `events`, `subscription`, `listening` and `reaching` import the libraries of the extra.
"""
