/** What a new user pastes to see a first run. */

export const INSTALL = 'pip install argus-reporter==0.1.3'

export function environment(url: string, token: string): string {
  return `export ARGUS_URL=${url}\nexport ARGUS_TOKEN=${token}`
}

export const SCRIPT = `from time import sleep
from argus import Reporter

with Reporter("first-run", source_project="demo") as run, run.job("job-1") as job:
    for epoch in range(100):
        job.epoch(epoch, train_loss=0.95**epoch, val_loss=0.95**epoch + 0.1 / (epoch + 1))
        sleep(0.3)
`
