import { defineStore } from 'pinia'
import { ref } from 'vue'
import * as api from '@/api/projects'
import type { Member, Recipient, Role } from '@/api/types'
import { resource } from './resource'

/** Who takes part in a project, and whom it mails. */
export const useProjectPeopleStore = defineStore('projectPeople', () => {
  const id = ref('')
  const members = resource<Member[]>(() => api.members(id.value))
  const recipients = resource<Recipient[]>(() => api.recipients(id.value))

  function open(project: string): void {
    if (project !== id.value) [members, recipients].forEach((part) => part.clear())
    id.value = project
    void members.load()
    void recipients.load()
  }

  async function add(username: string, role: Role): Promise<void> {
    await api.addMember(id.value, username, role)
    await members.load()
  }

  async function change(userId: number, role: Role): Promise<void> {
    await api.changeMember(id.value, userId, role)
    await members.load()
  }

  async function remove(userId: number): Promise<void> {
    await api.removeMember(id.value, userId)
    await members.load()
  }

  async function addRecipient(email: string, kinds: readonly string[]): Promise<void> {
    await api.addRecipient(id.value, email, kinds)
    await recipients.load()
  }

  async function editRecipient(recipient: number, change: { enabled?: boolean; event_kinds?: readonly string[] }): Promise<void> {
    await api.editRecipient(id.value, recipient, change)
    await recipients.load()
  }

  async function removeRecipient(recipient: number): Promise<void> {
    await api.removeRecipient(id.value, recipient)
    await recipients.load()
  }

  return { id, members, recipients, open, add, change, remove, addRecipient, editRecipient, removeRecipient }
})
