// A choice and a slider, each with a function that takes its new value.

import { element, setText } from "../dom.js"

/**
 * @param {string[]} names
 * @param {number} chosen
 * @param {(index: number) => void} take
 */
export function select(names, chosen, take) {
  const options = names.map((name, i) => element("option", { value: i, selected: i === chosen }, name))
  const node = element("select", {}, ...options)
  node.addEventListener("change", () => take(Number(node.value)))
  return node
}

/**
 * A slider with its name and its value in words.
 * @param {string} name
 * @param {[number, number, number]} range lowest, highest, step
 * @param {number} value
 * @param {{ help: string, words: (value: number) => string, take: (value: number) => void }} more
 */
export function slider(name, [min, max, step], value, { help, words, take }) {
  const input = element("input", { type: "range", min, max, step, value })
  const output = element("output", {}, words(value))
  input.addEventListener("input", () => {
    setText(output, words(Number(input.value)))
    take(Number(input.value))
  })
  const title = element("span", { class: "name" }, name)
  return element("label", { class: "slider" }, title, element("span", { class: "help" }, help), input, output)
}
