import type { App } from 'vue'

const RELOADED = 'argus.reloaded'

/** After a deployment the chunks of the old version are gone: load the new one, but only once. */
export function install(app: App): void {
  addEventListener('vite:preloadError', (event) => {
    if (sessionStorage.getItem(RELOADED)) return
    sessionStorage.setItem(RELOADED, '1')
    event.preventDefault()
    location.reload()
  })
  app.config.errorHandler = (error) => console.error(error)
}
