// Sets the chosen theme before the first paint; a file of its own because the content
// security policy allows no inline script. Kept in step with src/stores/preferences.ts.
(function () {
  try {
    var theme = localStorage.getItem('argus.theme')
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
    var locale = localStorage.getItem('argus.locale')
    if (locale) document.documentElement.lang = locale
  } catch {
    // Storage may be blocked; the system's theme is then right.
  }
})()
