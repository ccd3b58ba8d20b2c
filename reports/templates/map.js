"use strict";
// The map of townships: what it shows, the month, a township found, hovered or reached by key. The data of all months
// stand in the page, with the words in its language; nothing is fetched.
(function () {
  var store = document.getElementById("map-data");
  var map = document.getElementById("live-map");
  if (!store || !map) { return; }
  var data = JSON.parse(store.textContent);
  var SVG = "http://www.w3.org/2000/svg";
  var FIELDS = ["clashes", "clashes_month", "idps", "idps_day", "newest", "chance", "grade"];
  var figure = document.getElementById("map-figure");
  var tip = document.getElementById("map-tip");
  var slider = document.getElementById("map-slider");
  var play = document.getElementById("map-play");
  var field = document.getElementById("map-find");
  var bar = document.getElementById("map-zoom");
  var nearer = document.getElementById("map-nearer");
  var farther = document.getElementById("map-farther");
  var whole = document.getElementById("map-whole");
  var states = document.getElementById("map-state");
  var zoomed = document.getElementById("map-zoomed");
  var zoom = mapZoom(map, clear, moved);
  var name = function () {};  // writes the names of townships, once the shapes are known
  // Both languages share the maps: a link of the page says where they are.
  var folder = document.getElementById("map-file").getAttribute("href").replace(/[^\/]*$/, "");
  var last = data.months.length - 1;
  var theme = 0, month = last, chosen = -1, hovered = -1, playing = 0, hiding = 0, writing = 0, sized = "", selecting = false;
  var shapes = data.townships.map(function () { return []; });
  var seats = [];
  var numbers = {};

  // ---- words -------------------------------------------------------------------------------------------------
  var burmese = document.documentElement.lang === "my";
  var comma = burmese ? "၊ " : ", ", semicolon = burmese ? "၊ " : "; ";
  function words(phrase) { return data.words[phrase]; }
  function filled(phrase, values) {
    return words(phrase).replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }
  function element(tag, className, content) {
    var made = document.createElement(tag);
    if (className) { made.className = className; }
    if (content) { made.textContent = content; }
    return made;
  }
  function put(holder, text) { holder.textContent = text; }
  function each(selector, act) { Array.prototype.forEach.call(document.querySelectorAll(selector), act); }
  function grouped(text) { return text.replace(/\B(?=(\d{3})+$)/g, ","); }
  function count(text) {
    if (text === "-") { return words("not reported"); }
    return text === "f" ? words("fewer than 10") : grouped(text);
  }

  // ---- data --------------------------------------------------------------------------------------------------
  // A text of values by month; an empty one repeats the month before.
  function unpacked(text) {
    var before = "-";
    return text.split(",").map(function (value) { before = value === "" ? before : value; return before; });
  }
  function value(name, township) {
    var known = numbers[name] || (numbers[name] = []);
    if (!known[township]) { known[township] = unpacked(data[name][township]); }
    return known[township][month];
  }
  function seenAs(now, township) { return now.looks[Number(now.months[month].charAt(township))]; }
  function look(township) { return seenAs(data.themes[theme], township); }
  function lookOf(key, township) {
    return seenAs(data.themes[index(data.themes, function (one) { return one.key === key; })], township);
  }
  var DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  function dayWords(text) { return burmese ? text : DAY.format(new Date(text + "T00:00:00Z")); }
  function age(township) {
    var newest = value("newest", township);
    if (newest === "-") { return words("no record of any kind"); }
    var days = Math.round((Date.parse(data.months[month].last) - Date.parse(newest)) / 86400000);
    return filled("{count} days old", { count: String(days) });
  }
  function expected(township) {
    var ends = value("expected", township).split(" ");
    return ends.length < 3 ? words("not known")
      : filled("{count} (90 % interval {low} to {high})", { count: ends[0], low: ends[1], high: ends[2] });
  }
  function chance(township) {
    var text = value("chance", township);
    if (text === "-") { return words("not known"); }
    return text === "u" ? words("under 1 %") : text === "o" ? words("over 99 %") : text + " %";
  }

  // ---- what is shown -----------------------------------------------------------------------------------------
  function paint() {
    var now = data.themes[theme], step = data.months[month];
    var counts = now.looks.map(function () { return 0; });
    map.setAttribute("class", "map live m-" + now.key);
    shapes.forEach(function (own, township) {
      var place = Number(now.months[month].charAt(township));
      counts[place] += 1;
      own.forEach(function (shape) { shape.setAttribute("class", "k-" + now.looks[place].key); });
    });
    legend(now, counts);
    readings(now);
    each(".map-shows", function (holder) { put(holder, now.title); });
    each(".map-when", function (holder) { put(holder, step.words); });
    each(".map-note", function (holder) {
      var note = words("provisional: the last weeks are under-reported");
      put(holder, step.provisional ? "(" + note + ")" : "");
    });
    each("#map-figures dd", function (holder, place) {
      var pair = step.figures[place];
      put(holder, pair[1] === "" || pair[0] === "-" || pair[0] === "f" ? count(pair[0])
        : filled("{count} of {total}", { count: count(pair[0]), total: count(pair[1]) }));
    });
    put(document.getElementById("map-window"), filled("Clashes are counted from {start} to {end}.", step));
    document.getElementById("map-file").setAttribute("href", folder + now.key + ".svg");
    each("input[name=map-theme]", function (radio) { radio.checked = radio.value === now.key; });
    slider.value = String(month);
    document.getElementById("map-before").disabled = month === 0;
    document.getElementById("map-after").disabled = month === last;
    speak();
    note();
  }
  function legend(now, counts) {
    var body = document.getElementById("map-legend");
    body.textContent = "";
    now.looks.forEach(function (one, place) {
      var row = document.createElement("tr"), head = document.createElement("th");
      var swatch = document.createElementNS(SVG, "svg"), group = document.createElementNS(SVG, "g");
      var box = document.createElementNS(SVG, "rect");
      head.scope = "row";
      swatch.setAttribute("class", "map swatch m-" + now.key);
      swatch.setAttribute("viewBox", "0 0 48 30");
      swatch.setAttribute("aria-hidden", "true");
      group.setAttribute("class", "k-" + one.key);
      [["x", 1], ["y", 1], ["width", 46], ["height", 28]].forEach(function (pair) { box.setAttribute(pair[0], pair[1]); });
      group.appendChild(box);
      swatch.appendChild(group);
      head.appendChild(element("span", "look"));
      head.firstChild.appendChild(swatch);
      head.firstChild.appendChild(element("span", "", one.rule || one.words));
      row.appendChild(head);
      row.appendChild(element("td", "n", String(counts[place])));
      body.appendChild(row);
    });
  }
  function readings(now) {
    var holder = document.getElementById("map-readings");
    holder.textContent = "";
    now.readings.forEach(function (text) { holder.appendChild(element("li", "", text)); });
  }
  // What only a listener gets: names of the shapes, the month in words on the slider.
  function speak() {
    slider.setAttribute("aria-valuetext", data.months[month].words);
    if (chosen >= 0) {
      var own = data.townships[chosen];
      var text = [named(own), data.states[own[3]], look(chosen).words, data.months[month].words].join(comma);
      seats[chosen].setAttribute("aria-label", text);
    }
  }

  // A township in the language of the page, where its name is known in it.
  function named(own) { return own[burmese && own[2] ? 2 : 1]; }

  // ---- the note on a township --------------------------------------------------------------------------------
  function line(holder, label, content) {
    holder.appendChild(element("dt", "", label));
    holder.appendChild(element("dd", "", content));
  }
  function bothNames(holder, own) {
    var other = element("span", "", own[2]);
    holder.textContent = own[1] + " ";
    other.lang = "my";
    holder.appendChild(other);
    return holder;
  }
  function describe(township) {
    var own = data.townships[township], rows = document.createElement("dl");
    var people = value("idps", township), basis = people.slice(-1), shown = data.themes[theme].key;
    tip.textContent = "";
    tip.appendChild(bothNames(element("p", "name"), own));
    tip.appendChild(element("p", "", own[0] + comma + data.states[own[3]]));
    if (shown === "expected") { line(rows, data.themes[theme].title, expected(township)); } else {
      line(rows, data.themes[theme].title, shown === "chance" ? chance(township) : shown === "quarter" && /^quarter/.test(look(township).key) ? count(value("quarter", township)) : look(township).words);
    }
    line(rows, filled("Clashes in {month}, at least", { month: data.months[month].words }), count(value("clashes_month", township)));
    if (shown !== "quarter") { line(rows, words("Clashes of the last 3 months"), count(value("quarter", township))); }
    if (shown !== "signal") { line(rows, words("Signal of the month"), lookOf("signal", township).words); }
    if (shown !== "expected") { line(rows, words("Clashes to expect in the next 3 months"), expected(township)); }
    line(rows, filled("Clashes since {start}, at least", data.months[month]), count(value("clashes", township)));
    line(rows, words("Displaced people, at least"), count(people.replace(/[ns]$/, "")));
    if (basis === "n" || basis === "s") {
      var of = words(basis === "n" ? "newly displaced since 1 February 2021" : "displaced at the reference date");
      var when = value("idps_day", township);
      var asOf = when === "-" ? "" : semicolon + filled("as of {day}", { day: dayWords(when) });
      rows.appendChild(element("dd", "wide", of + asOf));
    }
    if (shown !== "chance") { line(rows, words("Probability of class high on security"), chance(township)); }
    line(rows, words("Evidence grade (A strong, D weak)"), value("grade", township) === "-" ? words("not known") : value("grade", township));
    line(rows, words("Newest record used"), age(township));
    if (look(township).key === "insufficient_evidence") { rows.appendChild(element("dd", "wide", look(township).words)); }
    tip.appendChild(rows);
    var link = element("a", "", words("Open the page of this township"));
    link.href = address(township);
    tip.appendChild(link);
  }
  function address(township) { return "townships/" + data.townships[township][0] + ".html"; }
  function ring(township) {
    each("#live-map .ring", function (use) { use.setAttribute("href", "#none"); });
    if (township < 0) { return; }
    var code = data.townships[township][0];
    each("#live-map .ring", function (use) {
      var panel = /in-(\w)/.exec(use.getAttribute("class"));
      var path = (panel ? panel[1] : "p") + "-" + code;
      if (document.getElementById(path)) { use.setAttribute("href", "#" + path); }
    });
  }
  // Beside the point, within the figure; on a narrow screen the style puts the note at the lower edge. Beside `box`,
  // where one is given and there is room, so that the note does not lie on the township that it tells of.
  function beside(x, y, box) {
    if (getComputedStyle(tip).position === "fixed") {
      var hidden = y + 30 - (window.innerHeight - tip.offsetHeight);
      if (hidden > 0) { window.scrollBy(0, hidden); }
      return;
    }
    var frame = figure.getBoundingClientRect();
    var left = x - frame.left + 18, top = y - frame.top + 14;
    if (x + 18 + tip.offsetWidth > window.innerWidth - 8) { left = x - frame.left - tip.offsetWidth - 18; }
    var right = box ? box.right + 12 : 0, wide = tip.offsetWidth, before = box ? box.left - 12 - wide : 0;
    var over = right + wide > frame.right && before >= frame.left;
    if (box && (over || right + wide <= window.innerWidth - 8)) {
      left = (over ? before : right) - frame.left;
      top = Math.max(Math.min(y - tip.offsetHeight / 2, window.innerHeight - tip.offsetHeight - 8), clear().top + 8) - frame.top;
    } else if (y + 14 + tip.offsetHeight > window.innerHeight - 8) { top = Math.max(y - frame.top - tip.offsetHeight - 14, 8 - frame.top); }
    tip.style.left = Math.max(left, 8 - frame.left) + "px";
    tip.style.top = top + "px";
  }
  function open(township, x, y, box) {
    clearTimeout(hiding);
    describe(township);
    tip.hidden = false;
    ring(township);
    beside(x, y, box);
  }
  // The middle of what the map shows of a township.
  function openAtShape(township) {
    var box = seats[township].getBoundingClientRect(), frame = map.getBoundingClientRect();
    var left = Math.max(box.left, frame.left), right = Math.min(box.right, frame.right);
    var top = Math.max(box.top, frame.top), bottom = Math.min(box.bottom, frame.bottom);
    open(township, (left + right) / 2, (top + bottom) / 2, { left: left, right: right });
  }
  function close() {
    clearTimeout(hiding);
    tip.hidden = true;
    hovered = -1;
    ring(chosen);
  }
  function leave() {
    clearTimeout(hiding);
    hiding = setTimeout(close, 250);
  }
  function note() {
    var township = hovered >= 0 ? hovered : chosen;
    if (!tip.hidden && township >= 0) { describe(township); }
  }
  function choose(township, focus) {
    if (chosen >= 0) { seats[chosen].setAttribute("tabindex", "-1"); }
    chosen = township;
    seats[township].setAttribute("tabindex", "0");
    speak();
    zoom.reach(seats[township].getBBox());
    if (focus) { seats[township].focus(); }
    openAtShape(township);
    remember();
  }
  // Enlarges the map so that a township is seen among those next to it, and the page moves to the map.
  function approach(township) {
    var own = data.townships[township], seat = seats[township];
    var near = [township].concat(own.slice(5)).filter(function (other) {
      return other >= 0 && data.townships[other][4] === own[4];
    });
    chosen = chosen < 0 ? township : chosen;
    describe(township);
    tip.hidden = false;
    bring();
    zoom.fit(near.map(function (other) { return seats[other].getBBox(); }), own[4] ? 4 : 8);  // an inset is enlarged already
    choose(township, false);
    seat.focus({ preventScroll: true });
  }
  // The map stands where it can be looked at: its bar at the top of the window, where less than half of it is seen.
  function bring() {
    var frame = map.getBoundingClientRect(), free = clear();
    var shown = Math.min(frame.bottom, free.bottom) - Math.max(frame.top, free.top);
    if (shown < Math.min(frame.height, free.bottom - free.top) * 0.8) { bar.scrollIntoView({ block: "start" }); }
  }
  // What of the window nothing covers: the bar stays at the top of it, the note of a narrow screen at its foot.
  function clear() {
    var below = !tip.hidden && getComputedStyle(tip).position === "fixed" ? tip.offsetHeight : 0;
    return { top: bar.offsetHeight, bottom: window.innerHeight - below };
  }
  // After each move of the map.
  function moved() {
    if (!selecting) { states.value = ""; }
    bounds();
    tellSize();
    name();
    if (!tip.hidden && hovered < 0 && chosen >= 0) { openAtShape(chosen); }
    else if (!tip.hidden && zoom.holds()) { close(); }
    remember();
  }
  // A button that can do no more keeps the focus of who works by keyboard.
  function aside(button, idle) { button.setAttribute("aria-disabled", String(idle)); }
  function bounds() {
    aside(nearer, zoom.size() >= zoom.most);
    aside(farther, zoom.size() <= 1);
    aside(whole, zoom.size() <= 1);
  }
  function tellSize() {
    var size = zoom.size(), text = size.toFixed(size < 9.95 ? 1 : 0).replace(/\.0$/, "");
    if (text === sized) { return; }  // a listener is told once
    sized = text;
    put(zoomed, size > 1 ? filled("A part, enlarged {count} times", { count: text }) : words("The whole country is shown."));
  }

  // ---- the address says what is shown ------------------------------------------------------------------------
  var written = location.hash;
  function record() {
    clearTimeout(writing);
    writing = 0;
    if (location.hash !== written) { return; }  // an address was typed or a link followed: it is shown next, not overwritten
    var text = "#map=" + data.themes[theme].key + "&month=" + data.months[month].key;
    if (chosen >= 0) { text += "&township=" + data.townships[chosen][0]; }
    if (chosen >= 0 || zoom.size() > 1) { text += "&view=" + zoom.text(); }
    try { history.replaceState(null, "", text); } catch (error) { /* a page opened in a frame or from mail */ }
    written = location.hash;
  }
  function remember() {
    clearTimeout(writing);
    writing = setTimeout(record, 200);
  }
  // Whoever leaves at once, for the other language or a township, takes along what is shown and comes back to it.
  document.addEventListener("click", function () { if (writing) { record(); } }, true);
  function index(rows, holds) {
    for (var place = 0; place < rows.length; place += 1) { if (holds(rows[place])) { return place; } }
    return -1;
  }
  function recall() {
    var asked = {};
    written = location.hash;
    location.hash.slice(1).split("&").forEach(function (part) {
      var pair = part.split("=");
      asked[pair[0]] = pair[1] || "";
    });
    if (!("map" in asked || "month" in asked || "township" in asked || "view" in asked)) { return; }
    var wanted = index(data.themes, function (one) { return one.key === asked.map; });
    var step = index(data.months, function (one) { return one.key === asked.month; });
    var township = index(data.townships, function (one) { return one[0] === (asked.township || "").toUpperCase(); });
    if (wanted >= 0) { theme = wanted; }
    if (step >= 0) { month = step; }
    paint();
    document.getElementById("maps").scrollIntoView();
    if (zoom.read(asked.view)) {
      // The part asked for stays, also where a township chosen before lies outside of it.
      if (township >= 0 && zoom.shows(seats[township].getBBox())) { choose(township, true); } else { bring(); }
    } else if (township >= 0) {
      approach(township);
    } else if (zoom.size() > 1) {
      zoom.whole();
    }
  }

  // ---- search ------------------------------------------------------------------------------------------------
  // A name is first shown on the map: two townships may bear it, and the page of the wrong one misleads.
  if (window.townshipFinder) {
    townshipFinder.box(field, document.getElementById("map-found"), document.getElementById("map-found-said"), function (own) {
      approach(places[own.code]);
    });
  } else { field.parentNode.hidden = true; }  // the page was sent without the file of names

  // ---- pointer and keys on the map ---------------------------------------------------------------------------
  var places = {};
  data.townships.forEach(function (own, township) { places[own[0]] = township; });
  each("#live-map a", function (shape) {
    var township = places[shape.getAttribute("data-code")];
    var own = data.townships[township];
    var drawn = shape.querySelector("use").getAttribute("href").charAt(1);
    shapes[township].push(shape);
    if (drawn === "p" && !seats[township] || drawn === own[4]) { seats[township] = shape; }
    // The page has a note of its own; the browser's would lie over it.
    shape.querySelector("title").remove();
    shape.setAttribute("aria-label", [named(own), data.states[own[3]], own[0]].join(comma));
  });
  function under(event) {
    var shape = event.target.closest ? event.target.closest("#live-map a") : null;
    return shape ? places[shape.getAttribute("data-code")] : -1;
  }
  var ARROWS = { ArrowLeft: 5, ArrowRight: 6, ArrowUp: 7, ArrowDown: 8 };  // where a township's row names the next one
  var SIZES = {
    "+": enlarge, "=": enlarge, "-": reduce, "0": zoom.whole  // = is the key of + without Shift
  };
  map.addEventListener("keydown", function (event) {
    var way = ARROWS[event.key], township = under(event);
    if (way && township >= 0 && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      var to = data.townships[township][way];
      if (to >= 0) { choose(to, true); }
    } else if (!event.altKey && !event.ctrlKey && !event.metaKey && SIZES[event.key]) {
      event.preventDefault();
      SIZES[event.key]();
    }
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { close(); } });
  document.addEventListener("pointerdown", function (event) {
    if (!tip.hidden && under(event) < 0 && !tip.contains(event.target)) { close(); }
  });
  map.addEventListener("focusin", function (event) {
    var township = under(event);
    if (township >= 0 && township !== chosen) { choose(township, false); }
    else if (township >= 0 && tip.hidden) { openAtShape(township); }
  });
  map.addEventListener("focusout", leave);
  map.addEventListener("pointermove", function (event) {
    var township = event.pointerType === "touch" ? -1 : under(event);
    if (zoom.holds()) { return; }
    if (township < 0) { if (event.pointerType !== "touch" && !tip.hidden) { leave(); } return; }
    if (township !== hovered) { hovered = township; open(township, event.clientX, event.clientY); }
    else { clearTimeout(hiding); }
  });
  map.addEventListener("pointerleave", leave);
  tip.addEventListener("pointerenter", function () { clearTimeout(hiding); });
  tip.addEventListener("pointerleave", leave);
  // By touch the first tap tells, the second goes: there is no hover, and a finger covers several townships.
  var told = -1;
  map.addEventListener("pointerdown", function (event) {
    told = event.pointerType === "touch" ? (tip.hidden ? -2 : chosen) : -1;
  });
  map.addEventListener("click", function (event) {
    var township = under(event);
    if (township >= 0 && told !== -1 && township !== told) {
      event.preventDefault();
      choose(township, false);
    }
    told = -1;
  });

  // ---- size of the map ---------------------------------------------------------------------------------------
  function enlarge() { zoom.by(zoom.step); }
  function reduce() { zoom.by(1 / zoom.step); }
  nearer.addEventListener("click", enlarge);
  farther.addEventListener("click", reduce);
  whole.addEventListener("click", zoom.whole);
  states.addEventListener("change", function () {
    var number = Number(states.value);
    if (states.value === "") { return; }
    close();
    bring();
    selecting = true;
    // On the map of the country, not in the insets: a region is more than its city.
    zoom.fit(data.townships.map(function (own, township) { return own[3] === number ? shapes[township][0].getBBox() : null; })
      .filter(Boolean), zoom.most);
    selecting = false;
  });

  // ---- controls ----------------------------------------------------------------------------------------------
  function go(step) {
    month = Math.min(Math.max(step, 0), last);
    paint();
    remember();
  }
  function stop() {
    clearInterval(playing);
    playing = 0;
    play.setAttribute("aria-pressed", "false");
    put(play, words("Play"));
  }
  slider.addEventListener("input", function () { stop(); go(Number(slider.value)); });
  document.getElementById("map-before").addEventListener("click", function () { stop(); go(month - 1); });
  document.getElementById("map-after").addEventListener("click", function () { stop(); go(month + 1); });
  play.addEventListener("click", function () {
    if (playing) { stop(); return; }
    if (month === last) { go(0); }
    play.setAttribute("aria-pressed", "true");
    put(play, words("Pause"));
    playing = setInterval(function () {
      go(month + 1);
      if (month === last) { stop(); }
    }, 900);
  });
  each("input[name=map-theme]", function (radio) {
    radio.addEventListener("change", function () {
      theme = index(data.themes, function (one) { return one.key === radio.value; });
      paint();
      remember();
    });
  });
  window.addEventListener("hashchange", recall);

  if (!seats.length) { return; }
  document.getElementById("map-controls").hidden = false;
  document.getElementById("map-keys").hidden = false;
  bar.hidden = false;
  tellSize();
  bounds();
  document.getElementById("map-static").hidden = true;
  mapPicture(map, function () { return ["townships", data.themes[theme].key, data.months[month].key].join("_"); });
  seats[0].setAttribute("tabindex", "0");
  name = mapNames(map, seats, function (township) {
    var own = data.townships[township], text = named(own);
    return { text: text, lang: text === own[2] ? "my" : "en" };
  }, zoom.part);
  name();
  paint();
  recall();
})();
