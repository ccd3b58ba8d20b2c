"use strict";
// Up to four townships or regions beside each other: what the address names, as bars on one scale and as a table.
(function () {
  var store = document.getElementById("compare-data");
  if (!store || !window.TOWNSHIP_SERIES || !window.townshipFinder) { return; }
  var data = JSON.parse(store.textContent), all = TOWNSHIP_SERIES;
  var SVG = "http://www.w3.org/2000/svg", WIDE = 360, TALL = 96, LEFT = 30, TOP = 10, FOOT = 80;
  var field = document.getElementById("compare-find");
  var said = document.getElementById("compare-found-said");
  var chosen = [];

  function words(phrase, values) {
    return data.phrases[phrase].replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }
  function made(tag, content, className) {
    var element = document.createElement(tag);
    if (content) { element.textContent = content; }
    if (className) { element.className = className; }
    return element;
  }
  function drawn(tag, attributes, content) {
    var element = document.createElementNS(SVG, tag);
    Object.keys(attributes).forEach(function (name) { element.setAttribute(name, attributes[name]); });
    if (content) { element.textContent = content; }
    return element;
  }
  function figures(own) { return (own.region ? all.regions : all.townships)[own.code]; }
  // A text of values by month; an empty one repeats the month before.
  function months(own) {
    var row = figures(own), before = "-";
    return row[row.length - 1].split(",").map(function (value) {
      before = value === "" ? before : value;
      return before === "-" ? null : Number(before);
    });
  }
  function grouped(text) {
    return text === "-" ? data.phrases["not reported"] : text === "f" ? data.phrases["fewer than 10"]
      : text.replace(/\B(?=(\d{3})+$)/g, ",");
  }
  function cell(own, row) {
    var value = figures(own)[row];
    if (row < 4 || row === 7 || row === 9) { return grouped(value); }
    if (row === 4) {
      return own.region ? words("alert: {n} townships", { n: value === null ? "–" : value }) : data.labels["signal_" + value] || data.phrases["not known"];
    }
    if (row === 5) {
      return own.region ? words("high: {n} of {total} townships", { n: value[0] === null ? "–" : value[0], total: value[1] }) : data.labels[value] || data.phrases["not reported"];
    }
    if (row === 6) {
      return value && value.length < 3 ? value[0] : value ? words("{count} ({low} to {high})", { count: value[0], low: value[1], high: value[2] }) : data.phrases["not known"];
    }
    if (row === 8) { return data.days[value] || "–"; }
    return value === "-" ? "–" : value;
  }

  // ---- bars ----------------------------------------------------------------------------------------------------
  function bars(own, top) {
    var values = months(own), step = (WIDE - LEFT) / values.length, last = values[values.length - 1];
    var hollow = Math.max(data.hollow, data.part ? 1 : 0);
    var svg = drawn("svg", { "class": "compared", viewBox: "0 0 " + WIDE + " " + TALL, role: "img",
      "aria-label": words("{name}: clashes by month; {n} in the last", { name: townshipFinder.named(own), n: last === null ? data.phrases["not reported"] : last }) });
    function high(value) { return (FOOT - TOP) * value / top; }
    [0, top].forEach(function (value) {
      svg.appendChild(drawn("path", { "class": "grid", d: "M" + LEFT + " " + (FOOT - high(value)) + "H" + WIDE }));
      svg.appendChild(drawn("text", { "class": "tick", x: LEFT - 4, y: FOOT - high(value) + 4 }, String(value)));
    });
    values.forEach(function (value, place) {
      var left = LEFT + step * place, year = all.months[place];
      if (value === null) {
        svg.appendChild(drawn("rect", { "class": "gap", x: left, y: TOP, width: step, height: FOOT - TOP }));
      } else if (value) {
        svg.appendChild(drawn("rect", { "class": place >= values.length - hollow ? "hollow" : "bar", x: left + step * 0.12, y: FOOT - high(value), width: step * 0.76, height: high(value) }));
      }
      if (year.slice(5) === "01") {
        svg.appendChild(drawn("path", { "class": "grid", d: "M" + left + " " + FOOT + "v5" }));
        svg.appendChild(drawn("text", { "class": "year", x: left, y: TALL - 3 }, year.slice(0, 4)));
      }
    });
    if (data.mark) { svg.appendChild(drawn("text", { "class": "across", x: (LEFT + WIDE) / 2, y: (TOP + FOOT) / 2 }, data.mark)); }
    return svg;
  }
  // A round number that no month of any of them exceeds.
  function ceiling() {
    var top = Math.max.apply(null, [5].concat(chosen.map(function (own) { return Math.max.apply(null, months(own)); })));
    var power = Math.pow(10, Math.floor(Math.log(top) / Math.LN10));
    return [1, 2, 5, 10].map(function (factor) { return factor * power; }).filter(function (one) { return one >= top; })[0];
  }

  // ---- what is shown -------------------------------------------------------------------------------------------
  function page(own) { return (own.region ? "regions/" : "townships/") + own.code + ".html"; }
  function link(own) {
    var found = made("a", townshipFinder.named(own));
    found.href = page(own);
    return found;
  }
  function show() {
    var list = document.getElementById("compare-chosen"), holder = document.getElementById("compare-bars");
    var table = document.getElementById("compare-table"), head = made("tr"), top = chosen.length ? ceiling() : 0;
    document.getElementById("compare-none").hidden = chosen.length > 0;
    table.hidden = !chosen.length;
    list.textContent = holder.textContent = table.tHead.textContent = table.tBodies[0].textContent = "";
    head.appendChild(made("td"));
    chosen.forEach(function (own) {
      var item = made("li"), away = made("button", "×"), frame = made("figure"), title = made("figcaption"), cell = made("th");
      item.appendChild(link(own));
      away.type = "button";
      away.setAttribute("aria-label", words("Remove {name}", { name: townshipFinder.named(own) }));
      away.addEventListener("click", function () { put(chosen.filter(function (one) { return one !== own; })); });
      item.appendChild(away);
      list.appendChild(item);
      title.appendChild(link(own));
      frame.appendChild(title);
      frame.appendChild(bars(own, top));
      holder.appendChild(frame);
      cell.scope = "col";
      cell.textContent = townshipFinder.named(own);
      head.appendChild(cell);
    });
    table.tHead.appendChild(head);
    data.rows.forEach(function (label, row) {
      var line = made("tr"), name = made("th", label);
      name.scope = "row";
      line.appendChild(name);
      chosen.forEach(function (own) { line.appendChild(made("td", cell(own, row))); });
      table.tBodies[0].appendChild(line);
    });
  }
  function put(wanted) {
    chosen = wanted;
    show();
    try { history.replaceState(null, "", "#" + chosen.map(function (own) { return own.code; }).join(",")); } catch (error) { /* a page in a frame */ }
  }
  function recall() {
    chosen = location.hash.slice(1).split(",").map(function (code) { return townshipFinder.find(decodeURIComponent(code)); })
      .filter(function (own, place, list) { return own && list.indexOf(own) === place && figures(own); }).slice(0, data.most);
    show();
  }
  townshipFinder.box(field, document.getElementById("compare-found"), said, function (own) {
    field.value = "";
    if (chosen.indexOf(own) >= 0) { return; }
    if (chosen.length >= data.most) { said.textContent = data.phrases["Only four can stand beside each other: remove one first."]; return; }
    put(chosen.concat([own]));
  }, true);
  document.getElementById("compare-add").hidden = false;
  window.addEventListener("hashchange", recall);
  recall();
})();
