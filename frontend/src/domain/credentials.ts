/** The server's rules for new accounts, checked before a round trip. Answers are locale keys. */

export function usernameProblem(name: string): string | null {
  return /^[A-Za-z0-9_-]{3,32}$/.test(name) ? null : 'auth.problem.username'
}

export function emailProblem(email: string): string | null {
  return /^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(email.trim()) ? null : 'auth.problem.email'
}

export function passwordProblem(password: string): string | null {
  if (password.length < 10) return 'auth.problem.passwordShort'
  if (password.length > 256) return 'auth.problem.passwordLong'
  return /\p{L}/u.test(password) && /\d/.test(password) ? null : 'auth.problem.passwordPlain'
}

/** A path inside this site to go to after login; anything else is ignored. */
export function safeTarget(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/'
}
