import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

export interface TrainerOptions {
  url: string
  token: string
  /** Home directory: where the reporter keeps what it could not send. */
  home: string
  prefix: string
  jobs: number
  epochs: number
}

/** A training script with the published reporter, unmodified. It goes on when it is told to. */
export class Trainer {
  readonly ended: Promise<number | null>
  private readonly child: ChildProcess
  private errors = ''

  constructor(options: TrainerOptions) {
    const { url, token, home, prefix, jobs, epochs } = options
    const script = join(import.meta.dirname, 'train.py')
    this.child = spawn(process.env.ARGUS_PYTHON ?? 'python3', [script, prefix, String(jobs), String(epochs)], {
      env: { ...process.env, ARGUS_URL: url, ARGUS_TOKEN: token, HOME: home },
      stdio: ['pipe', 'inherit', 'pipe'],
    })
    this.child.stderr?.on('data', (text: Buffer) => (this.errors += text.toString()))
    this.ended = new Promise((done) => this.child.once('exit', done))
  }

  /** Lets every job report this many more epochs. */
  advance(epochs: number): void {
    this.child.stdin?.write(`${epochs}\n`)
  }

  /** What the reporter logged. */
  get log(): string {
    return this.errors
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }
}
