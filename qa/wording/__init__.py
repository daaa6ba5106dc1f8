"""Better wording by an optional chat model, checked sentence by sentence against the evidence."""
