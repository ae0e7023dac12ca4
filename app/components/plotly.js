// plotly.js, loaded once a page, for whichever component is first, from the address that Python sends.

/** @typedef {any} Plotly plotly.js comes without types */

/**
 * @param {string} address
 * @returns {Promise<Plotly>}
 */
export function loadPlotly(address) {
  const page = /** @type {{ Plotly?: Plotly, glicoPlotly?: Record<string, Promise<Plotly>> }} */ (window)
  const held = (page.glicoPlotly ??= {})
  held[address] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script")
    script.src = address
    script.onload = () => resolve(page.Plotly)
    script.onerror = () => {
      delete held[address]
      script.remove()
      reject(new Error(`plotly.js could not be loaded from ${address}`))
    }
    document.head.append(script)
  })
  return held[address]
}
