import { describe, expect, it } from 'vitest'
import { comparisonGrid, differencePct, settingRows } from './compare'
import { directionOf } from './direction'
import { type Cell, extremes, type Grid, toCsv, toLatex, toMarkdown, withColumns } from './grid'
import { finalMetrics, gridOfJobs, gridOfMatrix, gridOfMetrics, isSweep } from './grids'

const cell = (value: number | null, eligible = true): Cell => ({ value, text: String(value), status: null, href: null, note: '', mark: null, eligible })

function grid(values: readonly (readonly (number | null)[])[]): Grid {
  return {
    corner: 'Model',
    rows: values.map((_, i) => `m${i}`),
    cols: (values[0] ?? []).map((_, i) => `d${i}`),
    cells: values.map((row) => row.map((value) => (value === null ? null : cell(value)))),
  }
}

const all = (of: Grid) => new Set(of.cols.keys())

describe('the best and the worst cell', () => {
  it('follow the direction', () => {
    const table = grid([[1, 2], [3, 4]])
    expect(extremes(table, 'minimize', all(table))).toEqual({ best: { row: 0, col: 0 }, worst: { row: 1, col: 1 } })
    expect(extremes(table, 'maximize', all(table))).toEqual({ best: { row: 1, col: 1 }, worst: { row: 0, col: 0 } })
  })

  it('are nobody where two share the value', () => {
    const table = grid([[1, 1], [3, 4]])
    expect(extremes(table, 'minimize', all(table))).toEqual({ best: null, worst: { row: 1, col: 1 } })
  })

  it('come from shown columns, ended runs and finite values only', () => {
    const table = grid([[0, 2], [9, 4], [5, 6]])
    expect(extremes(table, 'minimize', new Set([1]))).toEqual({ best: { row: 0, col: 1 }, worst: { row: 2, col: 1 } })
    const cells = [[cell(0, false), cell(Infinity)], [cell(2), cell(3)], [cell(4), null]]
    expect(extremes({ ...table, cells }, 'minimize', all(table))).toEqual({ best: { row: 1, col: 0 }, worst: { row: 2, col: 0 } })
  })

  it('need three that compete', () => {
    const table = grid([[1, 2]])
    expect(extremes(table, 'minimize', all(table))).toEqual({ best: null, worst: null })
  })
})

describe('a table that leaves the page', () => {
  const table: Grid = { ...grid([[1, 2]]), rows: ['=cmd|"x", y'], cols: ['a_b', 'c|d'] }

  it('is what is visible', () => {
    expect(toCsv(withColumns(table, new Set([0])))).toBe('Model,a_b\r\n"\'=cmd|""x"", y",1\r\n')
  })

  it('keeps negative numbers as numbers', () => {
    expect(toCsv(grid([[-1]]))).toContain('m0,-1')
  })

  it('is Markdown and LaTeX with their special characters escaped', () => {
    expect(toMarkdown(table).split('\n')[0]).toBe('| Model | a_b | c\\|d |')
    expect(toLatex(table)).toContain('Model & a\\_b & c|d \\\\')
  })
})

describe('grids of jobs', () => {
  const job = (id: string, model: string, dataset: string, MSE: unknown, status = 'done') => ({ id, batch_id: 'b', model, dataset, status, metrics: { MSE } })
  const jobs = [job('1', 'A', 'x', 0.5), job('2', 'A', 'x', 0.4), job('3', 'B', 'y', 0.1, 'running'), job('4', 'B', 'x', 'NaN', 'failed')]
  const words = { corner: 'M', runs: (count: number) => `${count} runs` }
  const href = (one: { id: string }) => `/${one.id}`

  it('show the best of several runs and what needs a look', () => {
    const table = gridOfJobs(jobs, 'MSE', 'minimize', 'M', words, href)
    expect(table.rows).toEqual(['A', 'B'])
    expect(table.cols).toEqual(['x', 'y'])
    expect(table.cells[0]?.[0]).toMatchObject({ value: 0.4, href: '/2', note: '2 runs', status: 'done' })
    expect(table.cells[0]?.[1]).toBeNull()
    expect(table.cells[1]?.[0]).toMatchObject({ value: null, status: 'failed' })
    expect(table.cells[1]?.[1]).toMatchObject({ value: 0.1, eligible: false })
    const failed = gridOfMetrics([job('5', 'A', 'x', 0.01, 'failed'), job('6', 'A', 'x', 0.3, 'stopped')], ['MSE'], 'Job', href)
    expect(failed.cells.map((row) => row[0]?.eligible)).toEqual([false, true])
  })

  it('know a sweep and its metrics', () => {
    expect(isSweep(jobs)).toBe(true)
    expect(isSweep(jobs.slice(0, 2))).toBe(false)
    expect(finalMetrics([...jobs, { ...job('5', 'A', 'x', 1), metrics: { note: 'text', MAE: 2 } }])).toEqual(['MAE', 'MSE'])
    expect(gridOfMetrics(jobs, ['MSE'], 'Job', href).cells[3]?.[0]).toMatchObject({ value: null, status: 'failed' })
  })

  it('take marks, spreads and baselines from the server', () => {
    const answer = {
      rows: ['A', 'B'], cols: ['x'], values: [[0.4], [null]], means: [[0.45], [null]], spreads: [[0.05], [null]], runs: [[2], [0]],
      batch_ids: [['b'], [null]], baseline_pct: [[-10], [null]], marks: [{ row: 0, solid: true }],
    }
    const table = gridOfMatrix(answer, 'best', words, (batch) => `/${batch}`)
    expect(table.cells[0]?.[0]).toMatchObject({ value: 0.4, mark: 'solid', href: '/b', note: '2 runs · 0.45 ± 0.05 · -10.0 %' })
    expect(table.cells[1]?.[0]).toBeNull()
    expect(gridOfMatrix(answer, 'baseline', words, () => null).cells[0]?.[0]?.text).toBe('-10.0 %')
  })
})

describe('comparison', () => {
  const batch = (batch_id: string, ...values: number[]) => ({ batch_id, status: 'done', jobs: values.map((MSE) => ({ metrics: { MSE } })) })

  it('puts the best of each batch in a line and measures against the baseline', () => {
    const table = comparisonGrid([batch('a', 0.5, 0.4), batch('b', 0.2)], ['MSE'], 'a', 'Metric', (id) => `/${id}`)
    expect(table.cells[0]?.map((one) => one?.text)).toEqual(['0.4', '0.2 (-50.0 %)'])
    expect(table.cells[0]?.map((one) => one?.mark)).toEqual([null, 'solid'])
  })

  it('has no difference to nothing', () => {
    expect(differencePct(1, 0)).toBeNull()
    expect(differencePct(null, 1)).toBeNull()
    expect(differencePct(-1, -2)).toBe(50)
  })

  it('finds settings that differ, nested ones too', () => {
    const rows = settingRows([{ lr: 1, model: { depth: 2 } }, { lr: 1, model: { depth: 3 }, extra: ['a', 'b'] }])
    expect(rows.filter((row) => row.differs).map((row) => row.key)).toEqual(['extra', 'model.depth'])
  })

  it('finds packages that differ, where every batch lists its own', () => {
    const first = { pip_freeze: ['numpy==2.1.0', 'torch==2.5.0', 'wheel==0.44'] }
    const second = { pip_freeze: ['numpy==2.1.0', 'torch==2.6.0+cu124'] }
    const differing = settingRows([first, second]).filter((row) => row.differs)
    expect(differing.map((row) => [row.key, ...row.values])).toEqual([['pip_freeze.torch', '2.5.0', '2.6.0+cu124'], ['pip_freeze.wheel', '0.44', '–']])
    expect(settingRows([first, {}]).map((row) => row.key)).toEqual(['pip_freeze'])
  })
})

describe('the direction of a metric', () => {
  it.each([
    ['MSE', 'minimize'], ['val_loss', 'minimize'], ['R2', 'maximize'], ['test/F1', 'maximize'], ['precision@5', 'maximize'], ['acc_loss', 'minimize'],
    ['rmse@10', 'minimize'], ['top5_acc@10', 'maximize'],
  ])('%s is to %s', (metric, direction) => expect(directionOf(metric)).toBe(direction))
})
