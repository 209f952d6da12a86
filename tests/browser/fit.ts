import { expect, type Page } from '@playwright/test'

/** Nothing on the page is wider than the window. Says which page and what on it, and lets the test go on to the next one. */
export async function expectToFit(page: Page): Promise<void> {
  const width = page.viewportSize()?.width ?? 0
  const address = () => new URL(page.url()).pathname + new URL(page.url()).search
  await expect.configure({ soft: true, timeout: 5_000 }).poll(async () => ({ address: address(), tooWide: await page.evaluate(tooWide, width) })).toEqual({ address: address(), tooWide: [] })
}

/** What reaches out of the window and is not cut off or scrolled by something inside it; innermost elements last. */
function tooWide(width: number): string[] {
  if (document.documentElement.scrollWidth <= width) return []
  const isHeld = (element: Element): boolean => {
    for (let parent = element.parentElement; parent && parent !== document.body; parent = parent.parentElement) {
      if (getComputedStyle(parent).overflowX !== 'visible' && parent.getBoundingClientRect().right <= width) return true
    }
    return false
  }
  const found = [...document.querySelectorAll('body *')].filter((element) => {
    const { right, width: own } = element.getBoundingClientRect()
    return (right > width + 0.5 || (own > 0 && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX === 'visible' && element.clientWidth > 0)) && !isHeld(element)
  })
  const describe = (element: Element) => {
    const { left, right } = element.getBoundingClientRect()
    const name = [element.tagName.toLowerCase(), ...element.classList].join('.')
    return `${name} ${Math.round(left)}..${Math.round(right)} (content ${element.scrollWidth}): ${(element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 80)}`
  }
  return [`the document is ${document.documentElement.scrollWidth} wide, the window ${width}`, ...found.slice(-12).map(describe)]
}
