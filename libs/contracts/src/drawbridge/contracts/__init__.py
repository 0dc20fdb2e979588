"""Messages, ids, money, errors, topology and allowed actions of Drawbridge."""
