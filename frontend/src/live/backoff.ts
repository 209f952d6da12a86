/** Doubling delays with jitter, so that a restarted server is not met by everyone at once. */
export class Backoff {
  private failures = 0

  constructor(
    private base = 500,
    private readonly most = 15_000,
    private readonly random: () => number = Math.random,
  ) {}

  /** The server knows best how soon to come back. */
  setBase(millis: number): void {
    this.base = Math.min(Math.max(millis, 100), this.most)
  }

  next(): number {
    const full = Math.min(this.base * 2 ** this.failures, this.most)
    this.failures += 1
    return full * (0.5 + this.random() / 2)
  }

  reset(): void {
    this.failures = 0
  }
}
