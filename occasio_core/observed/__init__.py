"""What a run's processes really do on the network, seen from outside of them, by the kernel's own tables."""
