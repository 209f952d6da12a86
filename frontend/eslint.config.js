import pluginVue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'
import vueParser from 'vue-eslint-parser'

const noVue = { group: ['vue', 'vue-*', 'pinia', 'reka-ui', '*.vue'], message: 'Plain TypeScript only.' }

const noRequests = {
  group: ['@/api/*', '!@/api/types', '!@/api/errors'],
  message: 'Stores talk to the API; components use stores.',
}

/** Layers: domain <- live, charts/options, stores <- composables <- components <- pages. */
export default tseslint.config(
  { ignores: ['dist', 'src/api/schema.gen.ts', 'public'] },
  ...tseslint.configs.strict,
  ...pluginVue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser } },
  },
  {
    rules: {
      // Layout of text is the formatter's business, not a rule's.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/html-indent': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/attributes-order': 'off',
      'vue/require-default-prop': 'off',
      'vue/no-v-html': 'error',
      'vue/no-static-inline-styles': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true }],
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Only src/api and src/live talk to the server.' }],
    },
  },
  { files: ['src/api/client.ts', 'src/live/sse.ts'], rules: { 'no-restricted-globals': 'off' } },
  {
    files: ['src/components/**', 'src/pages/**', 'src/layouts/**', 'src/composables/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [noRequests] }] },
  },
  { files: ['src/domain/**', 'src/charts/options/**', 'src/live/**', 'src/api/**'], rules: { 'no-restricted-imports': ['error', { patterns: [noVue] }] } },
)
