import { defineStore } from 'pinia'
import { ref } from 'vue'

export interface ToastMessage {
  id: number
  tone: 'good' | 'bad'
  text: string
  /** What takes it back, or leads on. */
  action?: { label: string; run: () => void } | undefined
}

/** Short messages about what just happened. */
export const useToastStore = defineStore('toasts', () => {
  const messages = ref<ToastMessage[]>([])
  let last = 0

  function show(tone: ToastMessage['tone'], text: string, action?: ToastMessage['action']): void {
    messages.value = [...messages.value, { id: ++last, tone, text, action }].slice(-3)
  }

  function dismiss(id: number): void {
    messages.value = messages.value.filter((message) => message.id !== id)
  }

  return { messages, show, dismiss }
})
