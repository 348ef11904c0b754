"""Stand-ins for the services Shipmate talks to. Law: nothing in here imports anything else of ours."""
