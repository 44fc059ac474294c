"""What a call may do, and who has its other end: judged before it is made."""
