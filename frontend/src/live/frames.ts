import type { Frame } from './event'

/** What a parser found in a piece of the stream. */
export interface Parsed {
  frames: Frame[]
  /** Reconnection delay the server asked for, milliseconds. */
  retry: number | null
}

/** Incremental parser of `text/event-stream`. Pieces may end anywhere, even inside a line end. */
export class FrameParser {
  private rest = ''
  private event = ''
  private data: string[] = []
  private id: string | null = null

  push(piece: string): Parsed {
    const parsed: Parsed = { frames: [], retry: null }
    const text = this.rest + piece
    // A trailing CR may be half of a CRLF: wait for what follows.
    const usable = text.endsWith('\r') ? text.length - 1 : text.length
    let from = 0
    for (const match of text.slice(0, usable).matchAll(/\r\n|\n|\r/g)) {
      this.line(text.slice(from, match.index), parsed)
      from = match.index + match[0].length
    }
    this.rest = text.slice(from)
    return parsed
  }

  private line(line: string, parsed: Parsed): void {
    if (line === '') return this.dispatch(parsed)
    const colon = line.indexOf(':')
    if (colon === 0) return
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') this.event = value
    else if (field === 'data') this.data.push(value)
    else if (field === 'id' && !value.includes('\0')) this.id = value
    else if (field === 'retry' && /^\d+$/.test(value)) parsed.retry = Number(value)
  }

  private dispatch(parsed: Parsed): void {
    if (this.data.length > 0) {
      parsed.frames.push({ event: this.event || 'message', data: this.data.join('\n'), id: this.id })
    }
    this.event = ''
    this.data = []
  }
}
