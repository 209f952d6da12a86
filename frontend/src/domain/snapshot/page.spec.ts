import { describe, expect, it } from 'vitest'
import { EMPTY_SERIES, mergePoints, toPoint } from '../series'
import { chartSvg } from './chart'
import { type SnapshotBatch, snapshotHtml } from './page'

const HOSTILE = '</script><script>alert(1)</script>"\'<img src=x>'
const series = mergePoints(EMPTY_SERIES, [{ epoch: 0, train_loss: 2 }, { epoch: 1, train_loss: 'NaN' }, { epoch: 2, train_loss: 1 }].map((row) => toPoint(row, '2026-01-01T00:00:00Z')).filter((point) => point !== null))
const job = (id: string, MSE: number) => ({ id, batch_id: 'b', status: 'done', metrics: { MSE }, elapsed: '1 m' })
const batch: SnapshotBatch = {
  title: HOSTILE, id: 'b', lang: 'en', facts: [{ label: 'Host', value: HOSTILE }], command: HOSTILE, notes: null,
  jobs: [job(HOSTILE, 3), job('two', 2), job('one', 1)], series: new Map([['one', series]]), environment: { cwd: HOSTILE },
  logs: [{ ts: 't', job: 'one', level: '" onclick="', line: HOSTILE }], pictures: [{ name: HOSTILE, url: 'data:image/png;base64,AQID' }],
  words: { made: 'm', curves: 'Curves', results: 'Results', jobs: 'Jobs', job: 'Job', status: 'S', about: 'A', elapsed: 'E', environment: 'Env', log: 'Log', pictures: 'P', epoch: 'Epoch' },
}

describe('a snapshot', () => {
  const html = snapshotHtml(batch)

  it('runs nothing and asks nobody for anything', () => {
    expect(html.match(/<script/g)).toHaveLength(1)
    expect(html).toContain('<script type="application/json"')
    expect(html).not.toMatch(/<img src=x|onclick="|https?:\/\//)
    expect(html).toContain("default-src 'none'")
  })

  it('can be read by programs', () => {
    const island = /id="argus-snapshot">(.*?)<\/script>/.exec(html)?.[1] ?? ''
    expect(JSON.parse(island)).toMatchObject({ format: 'argus-snapshot/1', title: HOSTILE, curves: { one: { epochs: [0, 1, 2], metrics: { train_loss: [2, 'NaN', 1] } } } })
  })

  it('names the best and the worst result', () => {
    expect(html).toContain('<td class="best">1</td>')
    expect(html).toContain('<td class="worst">3</td>')
  })

  it('breaks a line where there is no number', () => {
    const path = /<path d="([^"]+)"/.exec(chartSvg([{ name: 'a', color: '#000', dash: '', xs: [0, 1, 2, 3], ys: [1, 2, null, 3] }], 'x'))?.[1]
    expect(path?.match(/M/g)).toHaveLength(2)
  })
})
