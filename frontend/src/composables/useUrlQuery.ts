import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** Filters that live in the address: links carry them and going back restores them. */
export function useUrlQuery<K extends string>(names: readonly K[]) {
  const route = useRoute()
  const router = useRouter()
  const values = computed(() => {
    const read = (name: K) => (typeof route.query[name] === 'string' ? route.query[name] : '')
    return Object.fromEntries(names.map((name) => [name, read(name)])) as Record<K, string>
  })

  function set(patch: Partial<Record<K, string>>): void {
    const query = { ...route.query, ...patch }
    const given = Object.entries(query).filter(([, value]) => value !== '' && value !== undefined)
    void router.replace({ query: Object.fromEntries(given) })
  }

  return { values, set }
}
