
"use strict";
(() => {
  const PAGE = 100;
  const get = (id) => document.getElementById(id);
  const data = JSON.parse(get("data").textContent);
  const packed = JSON.parse(get("reasons").textContent);
  const [NAMESPACE, KIND, NAME, APP, POLICY, PLACE, WORKLOAD, PROBLEM] = [0, 1, 2, 3, 4, 5, 6, 7];
  const HELD = 1, LEAVING = 2;

  const make = (tag, text, className) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    return element;
  };

  const rows = data.rows.map((row, number) => ({
    row, number, place: data.places[row[PLACE]],
    text: [row[APP], row[NAMESPACE], row[KIND] + "/" + row[NAME], data.policies[row[POLICY]]].join(" ").toLowerCase(),
  }));

  // What is shown: kept in the address, so that a view can be passed on.
  const fields = ["search", "app", "cluster", "view"];
  const readHash = () => {
    const wanted = new URLSearchParams(location.hash.slice(1));
    for (const name of fields) if (wanted.has(name)) get(name).value = wanted.get(name);
    if (wanted.has("unplaced")) get("unplaced").checked = true;
  };
  const writeHash = () => {
    const wanted = new URLSearchParams();
    for (const name of fields) if (get(name).value) wanted.set(name, get(name).value);
    if (get("unplaced").checked) wanted.set("unplaced", "1");
    history.replaceState(null, "", "#" + (wanted.toString() || "placement"));
  };

  const options = (select, values) => {
    for (const value of values) {
      const option = make("option", value);
      option.value = value;
      select.append(option);
    }
  };
  options(get("app"), [...new Set(data.rows.map((row) => row[APP]))]);
  options(get("cluster"), data.clusters.map((cluster) => cluster.name));

  let shown = PAGE;
  let found = rows;

  const filter = () => {
    const words = get("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const app = get("app").value;
    const cluster = data.clusters.findIndex((one) => one.name === get("cluster").value);
    const unplaced = get("unplaced").checked;
    found = rows.filter(({row, place, text}) =>
      words.every((word) => text.includes(word)) &&
      (!app || row[APP] === app) &&
      (cluster < 0 || place.some((target) => target[0] === cluster)) &&
      (!unplaced || place.length === 0));
  };

  const isMatrix = () => {
    const view = get("view").value;
    if (view) return view === "matrix";
    return matchMedia("(min-width: 60rem)").matches || data.clusters.length <= 3;
  };

  const markOf = (mark) => mark === HELD ? "held" : mark === LEAVING ? "gone" : "on";
  const wordOf = (row, target) => {
    const word = row[WORKLOAD] ? String(target[1]) : "yes";
    return target[2] === HELD ? word + " held" : target[2] === LEAVING ? "leaving" : word;
  };

  const rowHead = (entry) => {
    const {row} = entry;
    const head = make("th");
    head.scope = "row";
    const button = make("button", row[KIND] + "/" + row[NAME]);
    button.type = "button";
    button.dataset.number = entry.number;
    button.setAttribute("aria-haspopup", "dialog");
    head.append(button);
    if (row[NAMESPACE]) head.append(" ", make("span", row[NAMESPACE], "space"));
    if (row[PROBLEM]) head.append(" ", make("span", row[PROBLEM], "problem"));
    return head;
  };

  const cells = (entry, columns) => {
    const byCluster = new Map(entry.place.map((target) => [target[0], target]));
    return columns.map((column) => {
      const target = byCluster.get(column);
      return target ? make("td", wordOf(entry.row, target), markOf(target[2])) : make("td", "-", "off");
    });
  };

  const chips = (entry) => {
    const cell = make("td", undefined, "where");
    for (const target of entry.place) {
      const name = data.clusters[target[0]].name;
      const word = wordOf(entry.row, target);
      cell.append(make("span", word === "yes" ? name : name + " " + word, "chip " + markOf(target[2])), " ");
    }
    if (!entry.place.length) cell.append(make("span", "on no cluster", "problem"));
    return [cell];
  };

  const heads = (columns) => {
    const row = make("tr");
    const first = make("th", "Object");
    first.scope = "col";
    row.append(first);
    for (const name of columns) {
      const head = make("th", undefined, columns.length > 10 ? "turned" : "");
      head.scope = "col";
      head.append(make("span", name));
      row.append(head);
    }
    return row;
  };

  const draw = () => {
    const matrix = isMatrix();
    const only = data.clusters.findIndex((one) => one.name === get("cluster").value);
    const columns = data.clusters.map((_, number) => number).filter((number) => only < 0 || number === only);
    const table = make("table");
    const head = make("thead");
    head.append(heads(matrix ? columns.map((number) => data.clusters[number].name) : ["Clusters"]));
    const body = make("tbody");
    let app;
    for (const entry of found.slice(0, shown)) {
      if (entry.row[APP] !== app) {
        app = entry.row[APP];
        const group = make("tr", undefined, "app");
        const title = make("th", app);
        title.scope = "rowgroup";
        title.colSpan = matrix ? columns.length + 1 : 2;
        group.append(title);
        body.append(group);
      }
      const row = make("tr");
      row.append(rowHead(entry), ...(matrix ? cells(entry, columns) : chips(entry)));
      body.append(row);
    }
    table.append(head, body);
    get("table").replaceChildren(table);
    const visible = Math.min(shown, found.length);
    get("count").textContent = found.length === rows.length && visible === rows.length
      ? rows.length + (rows.length === 1 ? " object" : " objects")
      : visible + " of " + found.length + " found, " + rows.length + " objects in all";
    get("more").hidden = visible === found.length;
  };

  const update = () => {
    shown = PAGE;
    filter();
    draw();
  };

  // Why: the reasons are unpacked when somebody asks.
  const unpacked = new Map();
  const reasons = (number) => {
    const chunk = Math.floor(number / data.chunk);
    if (!unpacked.has(chunk)) {
      const bytes = Uint8Array.from(atob(packed[chunk]), (char) => char.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      unpacked.set(chunk, new Response(stream).json());
    }
    return unpacked.get(chunk).then((texts) => texts[number % data.chunk]);
  };
  get("table").addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-number]");
    if (!button) return;
    const number = Number(button.dataset.number);
    const row = data.rows[number];
    get("why-title").textContent = row[KIND] + "/" + row[NAME] + (row[NAMESPACE] ? " (" + row[NAMESPACE] + ")" : "");
    get("why-text").textContent = await reasons(number);
    get("why").showModal();
  });

  const meter = ([resource, asked, used, total, askedPercent, usedPercent]) => {
    const element = make("div", undefined, "meter");
    if (total === null) {
      element.textContent = resource + ": " + asked + " asked, room unknown";
      return element;
    }
    const words = asked + " asked, " + used + " in use of " + total;
    element.append(make("span", resource + ": " + words));
    const track = make("div", undefined, "track");
    track.setAttribute("role", "img");
    track.setAttribute("aria-label", resource + " " + words);
    for (const [kind, percent] of [["asked", askedPercent], ["used", usedPercent]]) {
      const bar = make("i", undefined, kind + (percent > 100 ? " over" : ""));
      bar.style.width = Math.min(percent, 100) + "%";
      track.append(bar);
    }
    element.append(track);
    return element;
  };

  const card = (cluster, objects) => {
    const element = make("article", undefined, "card");
    element.append(make("h3", cluster.name));
    if (cluster.where) element.append(make("p", cluster.where));
    if (cluster.labels.length) element.append(make("p", cluster.labels.join(" ")));
    if (cluster.taints.length) element.append(make("p", "taints: " + cluster.taints.join(" "), "problem"));
    element.append(make("p", objects + (objects === 1 ? " object" : " objects")));
    element.append(...cluster.shares.map(meter));
    return element;
  };
  const counts = data.clusters.map(() => 0);
  for (const {place} of rows) for (const target of place) counts[target[0]] += 1;
  get("cards").append(...data.clusters.map((cluster, number) => card(cluster, counts[number])));

  get("filters").addEventListener("input", () => { update(); writeHash(); });
  get("filters").addEventListener("submit", (event) => event.preventDefault());
  get("more").addEventListener("click", () => { shown += 5 * PAGE; draw(); });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing && !get("why").open) { event.preventDefault(); get("search").focus(); }
  });
  matchMedia("(min-width: 60rem)").addEventListener("change", draw);
  readHash();
  update();
})();
