import { createApp } from 'vue'
import App from './App.vue'
import { install as installErrors } from './modules/errors'
import { install as installI18n } from './modules/i18n'
import { install as installPinia } from './modules/pinia'
import { install as installRouter } from './modules/router'
import './styles/tokens.css'
import './styles/base.css'
import './styles/forms.css'

const app = createApp(App)
for (const install of [installPinia, installI18n, installErrors, installRouter]) await install(app)
app.mount('#app')
