"""What the tests stand on: builds, child processes, the emulator, clients."""
