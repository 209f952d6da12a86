import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

/** The real server on a data directory of its own. It can be ended and started again. */
export class Server {
  readonly home = mkdtempSync(join(tmpdir(), 'argus-browser-'))
  private child: ChildProcess | null = null
  private log: string[] = []
  port = 0

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Starts, or starts again on the same data and port. */
  async start(): Promise<void> {
    const data = join(this.home, 'data')
    const child = spawn(binary(), ['--port', String(this.port), '--data', data], {
      // Tests stand at the other end of channels themselves.
      env: { ...process.env, ARGUS_LOG_LEVEL: 'info', ARGUS_CHANNELS_ALLOW_PRIVATE: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child = child
    child.stderr?.on('data', (text: Buffer) => this.log.push(text.toString()))
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      const ready = /listening on http:\/\/.*:(\d+)$/.exec(line.trim())
      if (!ready) continue
      this.port = Number(ready[1])
      return
    }
    throw new Error(`the server ended before it was ready:\n${this.log.join('')}`)
  }

  /** Ends it in order, or as a power cut would. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.child
    this.child = null
    if (!child || child.exitCode !== null) return
    const gone = new Promise((done) => child.once('exit', done))
    child.kill(signal)
    await gone
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL')
    rmSync(this.home, { recursive: true, force: true })
  }
}

function binary(): string {
  const root = resolve(import.meta.dirname, '../..')
  const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target')
  const path = process.env.ARGUS_LOCAL_BIN ?? join(target, 'debug', 'argus-local')
  if (!existsSync(path)) throw new Error(`no server at ${path}: run \`cargo build -p argus-local\` or set ARGUS_LOCAL_BIN`)
  return path
}
