import { describe, expect, it } from 'vitest'
import { Pace } from './pace'

/** A clock by hand; every drawing takes `cost`. */
function stage(cost: number) {
  let time = 0
  const due: { run: () => void; at: number }[] = []
  const drawn: number[] = []
  const clock = {
    now: () => time,
    later: (run: () => void, millis: number) => {
      const entry = { run, at: time + millis }
      due.push(entry)
      return entry
    },
    forget: (handle: unknown) => void due.splice(due.indexOf(handle as (typeof due)[number]), 1),
  }
  const pace = new Pace(() => {
    drawn.push(time)
    time += cost
  }, clock)
  const pass = (millis: number) => {
    const until = time + millis
    for (;;) {
      const next = due.filter((entry) => entry.at <= until).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      due.splice(due.indexOf(next), 1)
      time = Math.max(time, next.at)
      next.run()
    }
    time = Math.max(time, until)
  }
  return { pace, drawn, pass }
}

describe('the pace of a chart', () => {
  it('draws the first change at once and cheap ones often', () => {
    const { pace, drawn, pass } = stage(1)
    for (let i = 0; i < 100; i += 1) {
      pace.want()
      pass(10)
    }
    expect(drawn[0]).toBe(0)
    expect(drawn.length).toBeGreaterThan(5)
    expect(drawn.length).toBeLessThan(9)
  })

  it('draws what is dear so seldom that it takes a twentieth of the time', () => {
    const { pace, drawn, pass } = stage(50)
    for (let i = 0; i < 1000; i += 1) {
      pace.want()
      pass(10)
    }
    // 10 s and more: a drawing of 50 ms every 1,050 ms.
    expect(drawn.length).toBeLessThan(13)
    expect(drawn.length).toBeGreaterThan(8)
  })

  it('draws at once for somebody who waits, and once only', () => {
    const { pace, drawn, pass } = stage(50)
    pace.want()
    pace.want()
    pace.now()
    expect(drawn).toHaveLength(2)
    pass(5_000)
    expect(drawn).toHaveLength(2)
  })

  it('draws nothing out of sight, and what was missed on coming back', () => {
    const { pace, drawn, pass } = stage(1)
    pace.see(false)
    pace.want()
    pass(10_000)
    expect(drawn).toHaveLength(0)
    pace.see(true)
    expect(drawn).toHaveLength(1)
    pace.stop()
    pace.want()
    pass(10_000)
    expect(drawn).toHaveLength(1)
  })
})
