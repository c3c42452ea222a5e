// Which sections have all the words that are looked for, and which one explains them?
const MOST = 30;
const BEFORE = 60, AFTER = 160; // letters of a section that are shown, around the find

function wordsOf(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

// A section that explains the words comes first, then one that is called so.
function score(section, words) {
  const phrase = words.join(" ");
  const title = ` ${wordsOf(section.title).join(" ")}`;
  const text = ` ${wordsOf(section.text).join(" ")}`;
  if (!words.every(word => `${title}${text}`.includes(` ${word}`))) return 0;
  const explains = section.explains.some(each => wordsOf(each).join(" ") === phrase);
  const times = text.split(` ${phrase}`).length - 1;
  return 1 + 1000 * explains + 100 * title.includes(` ${phrase}`) + Math.min(times, 50);
}

function find(words) {
  return SECTIONS.map(section => ({ section, score: score(section, words) }))
    .filter(found => found.score > 0)
    .sort((one, other) => other.score - one.score) // equal ones stay in reading order
    .map(found => found.section);
}

// Some of the section's text, from a bit before the first of the words.
function excerpt(section, words) {
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.join("|")})`, "giu");
  const at = Math.max(0, section.text.search(pattern) - BEFORE);
  const from = at && section.text.indexOf(" ", at) + 1;
  const shown = section.text.slice(from, from + BEFORE + AFTER);
  const line = document.createElement("p");
  let done = 0;
  for (const match of shown.matchAll(pattern)) {
    const mark = document.createElement("mark");
    mark.textContent = match[0];
    line.append(shown.slice(done, match.index), mark);
    done = match.index + match[0].length;
  }
  line.append(shown.slice(done), from + shown.length < section.text.length ? "…" : "");
  return line;
}

function row(section, words) {
  const item = document.createElement("li");
  const heading = document.createElement("h2");
  const link = document.createElement("a");
  const [page, anchor] = section.address.split("#");
  link.href = `${page}#${encodeURIComponent(anchor)}`;
  link.textContent = section.title;
  heading.append(link);
  const place = document.createElement("p");
  place.className = "place";
  place.textContent = section.page;
  item.append(heading, place, excerpt(section, words));
  return item;
}

const asked = new URLSearchParams(location.search).get("q") ?? "";
const words = wordsOf(asked);
const found = words.length ? find(words) : [];
document.getElementById("search").value = asked;
document.getElementById("count").textContent = !words.length
  ? "Write a word or two above, such as “open loop”."
  : found.length > MOST
    ? `The first ${MOST} of ${found.length} sections with “${asked}”`
    : `${found.length || "No"} section${found.length === 1 ? "" : "s"} with “${asked}”`;
document
  .getElementById("results")
  .append(...found.slice(0, MOST).map(section => row(section, words)));
