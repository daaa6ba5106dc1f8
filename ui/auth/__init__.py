"""Who may use the service: users with hashed passwords, sign-in, and what other sites may not do."""
