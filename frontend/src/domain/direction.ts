export type Direction = 'minimize' | 'maximize'

/** Last words of metrics of which more is better; everything else is an error or a loss. As the server has it. */
const MAXIMIZED: ReadonlySet<string> = new Set([
  'r2', 'r²', 'pcc', 'scc', 'acc', 'accuracy', 'f1', 'auc', 'auroc', 'auprc', 'map', 'ap', 'precision', 'recall', 'iou', 'miou', 'dice', 'bleu',
  'rouge', 'ndcg', 'mrr', 'kappa', 'mcc', 'psnr', 'ssim', 'reward', 'score', 'top1', 'top5',
])

/** The usual direction of a metric, judged by its last word: `val_acc`, `test/F1`, `precision@5`. */
export function directionOf(metric: string): Direction {
  const name = metric.trim().toLowerCase()
  const last = name.split(/[_/\-. :@]/).findLast((part) => part !== '') ?? ''
  const before = name.replace(/[\d@]+$/, '').split(/[_/\-. :]/).at(-1) ?? ''
  const up = MAXIMIZED.has(name) || MAXIMIZED.has(last) || (/^\d+$/.test(last) && MAXIMIZED.has(before))
  return up ? 'maximize' : 'minimize'
}

export function isDirection(word: unknown): word is Direction {
  return word === 'minimize' || word === 'maximize'
}
