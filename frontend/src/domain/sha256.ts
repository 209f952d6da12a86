/**
 * SHA-256 of data that comes in pieces. Browsers have one of their own only for whole buffers, and
 * only on secure pages; files are larger than memory, and a laboratory's server speaks plain HTTP.
 */

const BLOCK = 64

/** The first 32 bits of the fractions of the cube (or square) roots of the first primes. */
function fractions(count: number, root: (prime: number) => number): Uint32Array {
  const words = new Uint32Array(count)
  let found = 0
  for (let candidate = 2; found < count; candidate += 1) {
    let prime = true
    for (let i = 2; i * i <= candidate; i += 1) if (candidate % i === 0) prime = false
    if (prime) words[found++] = (root(candidate) % 1) * 2 ** 32
  }
  return words
}

const ROUNDS = fractions(64, Math.cbrt)
const START = fractions(8, Math.sqrt)

export class Sha256 {
  private readonly state = Uint32Array.from(START)
  private readonly schedule = new Uint32Array(64)
  private readonly rest = new Uint8Array(BLOCK)
  private held = 0
  private length = 0

  update(bytes: Uint8Array): this {
    this.length += bytes.length
    let from = 0
    if (this.held > 0) {
      from = Math.min(BLOCK - this.held, bytes.length)
      this.rest.set(bytes.subarray(0, from), this.held)
      this.held += from
      if (this.held < BLOCK) return this
      this.block(new DataView(this.rest.buffer), 0)
      this.held = 0
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (; from + BLOCK <= bytes.length; from += BLOCK) this.block(view, from)
    this.rest.set(bytes.subarray(from))
    this.held = bytes.length - from
    return this
  }

  /** In hexadecimal; nothing may be added any more. */
  digest(): string {
    const bits = this.length * 8
    const room = this.held < 56 ? 56 - this.held : 120 - this.held
    const end = new Uint8Array(room + 8)
    end[0] = 0x80
    const view = new DataView(end.buffer)
    view.setUint32(room, Math.floor(bits / 2 ** 32))
    view.setUint32(room + 4, bits >>> 0)
    this.update(end)
    return Array.from(this.state, (word) => word.toString(16).padStart(8, '0')).join('')
  }

  private block(view: DataView, at: number): void {
    const w = this.schedule
    for (let i = 0; i < 16; i += 1) w[i] = view.getUint32(at + i * 4)
    for (let i = 16; i < 64; i += 1) {
      const [early, late] = [w[i - 15] ?? 0, w[i - 2] ?? 0]
      const small = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)
      const large = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10)
      w[i] = ((w[i - 16] ?? 0) + small + (w[i - 7] ?? 0) + large) | 0
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = this.state
    for (let i = 0; i < 64; i += 1) {
      const large = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
      const first = (h + large + ((e & f) ^ (~e & g)) + (ROUNDS[i] ?? 0) + (w[i] ?? 0)) | 0
      const small = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)
      const second = (small + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + first) | 0
      d = c
      c = b
      b = a
      a = (first + second) | 0
    }
    const after = [a, b, c, d, e, f, g, h]
    after.forEach((word, i) => (this.state[i] = ((this.state[i] ?? 0) + word) | 0))
  }
}

function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by))
}

/** The digest of a file, read piece by piece. `onRead` hears how many bytes were read so far. */
export async function digestOf(file: Blob, onRead: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  const hash = new Sha256()
  const reader = (file.stream() as ReadableStream<Uint8Array>).getReader()
  let read = 0
  for (;;) {
    signal.throwIfAborted()
    const { value, done } = await reader.read()
    if (done) return hash.digest()
    hash.update(value)
    onRead((read += value.length))
  }
}
