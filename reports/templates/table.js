"use strict";
// Sorting of every table.sortable, and the filters of the list of townships where the page has them.
(function () {
  var asked = new URLSearchParams(location.search);

  // What the address of this page keeps: filters and order; the anchor stays as it is.
  function remember(name, value) {
    if (value) { asked.set(name, value); } else { asked.delete(name); }
    var query = asked.toString();
    try {
      history.replaceState(null, "", location.pathname + (query ? "?" + query : "") + location.hash);
    } catch (error) { /* a browser that forbids it on a disk still filters */ }
  }

  function makeSortable(table) {
    var body = table.tBodies[0];
    var heads = Array.from(table.tHead.rows[0].cells);
    var rows = Array.from(body.rows);

    function sort(column, up) {
      var head = heads[column];
      var ranks = head.hasAttribute("data-ranks") ? head.getAttribute("data-ranks").split("|") : null;
      var numeric = ranks || head.classList.contains("n");
      // A figure, the place of a class among its classes, or words; "" is missing.
      function value(cell) {
        var text = cell.getAttribute("data-v") || cell.textContent.trim();
        if (ranks) { return ranks.indexOf(text) < 0 ? "" : ranks.indexOf(text); }
        if (!numeric) { return text; }
        var number = parseFloat(text.replace(/,/g, ""));
        return isNaN(number) ? "" : number;
      }
      heads.forEach(function (one) { one.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      var values = new Map(rows.map(function (row) { return [row, value(row.cells[column])]; }));
      rows.sort(function (a, b) {
        var x = values.get(a), y = values.get(b);
        if ((x === "") !== (y === "")) { return x === "" ? 1 : -1; }
        var order = x === y ? 0 : numeric ? x - y : x.localeCompare(y);
        // Ties stand in the order of the P-codes, up or down.
        return (up ? order : -order) || (a.id < b.id ? -1 : 1);
      });
      rows.forEach(function (row) { body.appendChild(row); });
      remember("sort", (up ? "" : "-") + (column + 1));
    }
    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) { button.appendChild(head.firstChild); }
      head.appendChild(button);
      button.addEventListener("click", function () {
        var now = head.getAttribute("aria-sort");
        // Figures begin with the largest, names and classes with the first.
        sort(column, now ? now === "descending" : !head.classList.contains("n"));
      });
    });
    var wanted = /^(-?)(\d+)$/.exec(asked.get("sort") || "");
    if (wanted && heads[wanted[2] - 1]) { sort(wanted[2] - 1, !wanted[1]); }
    return function () { return rows; };
  }

  // One line of CSV as cells; quotes are doubled inside quotes.
  function cellsOf(line) {
    var cells = [], pattern = /(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g, found;
    while ((found = pattern.exec(line)) !== null) {
      cells.push(found[1] === undefined ? found[2] : found[1].replace(/""/g, '"'));
      if (pattern.lastIndex >= line.length) { break; }
    }
    return cells;
  }
  function plain(text) { return text.toLowerCase().replace(/[\s_-]+/g, " ").trim(); }

  function makeFilters(table, form, ordered) {
    var saved = table.getAttribute("data-saved").split(",");
    var controls = Array.from(form.querySelectorAll("[data-filter]"));
    var output = document.getElementById("shown");
    var all = ordered();
    function lineOf(row) { return table.getAttribute("data-lead") + row.getAttribute("data-csv"); }
    var facts = new Map(all.map(function (row) {
      var own = {};
      cellsOf(lineOf(row)).forEach(function (value, place) { own[saved[place]] = value; });
      own.q = plain([row.cells[0], row.cells[1], row.cells[2]].map(function (cell) { return cell.textContent; }).join(" "));
      return [row, own];
    }));

    // What is filtered stands in words beside the count, for a printed list must not pass as the whole.
    function chosen(control) {
      var label = control.closest("label").firstChild.textContent.trim();
      var option = control.options && control.options[control.selectedIndex];
      return label + ": " + (option ? option.textContent : control.value.trim());
    }
    function say() {
      var count = all.filter(function (row) { return !row.hidden; }).length;
      var active = controls.filter(function (control) { return control.value.trim(); });
      output.textContent = [output.getAttribute("data-shown").replace("{shown}", count)].concat(active.map(chosen)).join(" · ");
    }
    function keeps(control, own) {
      var wanted = control.value.trim();
      if (!wanted) { return true; }
      if (control.type === "search") { return own.q.indexOf(plain(wanted)) >= 0; }
      return own[control.getAttribute("data-of")] === wanted;
    }
    function filter() {
      all.forEach(function (row) {
        var own = facts.get(row);
        row.hidden = !controls.every(function (control) { return keeps(control, own); });
      });
      say();
    }
    function changed(control) {
      remember(control.getAttribute("data-filter"), control.value.trim());
      filter();
    }
    // An address may name a value in other letters: kachin, nay-pyi-taw. What is not offered filters nothing.
    function readAddress() {
      controls.forEach(function (control) {
        var wanted = asked.get(control.getAttribute("data-filter"));
        if (!wanted) { return; }
        if (control.type === "search") { control.value = wanted; return; }
        var match = Array.from(control.options).find(function (one) { return one.value && plain(one.value) === plain(wanted); });
        if (match) { control.value = match.value; }
      });
    }
    function save() {
      var lines = ordered().filter(function (row) { return !row.hidden; })
        .map(lineOf);
      // The lines were made inert for spreadsheets when the page was made, as those of the release's own tables.
      var blob = new Blob([[saved.join(",")].concat(lines).join("\n") + "\n"], { type: "text/csv;charset=utf-8" });
      var link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = document.getElementById("save").getAttribute("data-file") + "_" + lines.length + "_rows.csv";
      link.click();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
    }

    controls.forEach(function (control) {
      control.addEventListener("input", function () { changed(control); });
    });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () {
      setTimeout(function () { controls.forEach(changed); }, 0);
    });
    document.getElementById("save").addEventListener("click", save);
    // A link to one township shows it, whatever the filters say, and marks it.
    function jump() {
      var row = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
      if (!row || !facts.has(row)) { return; }
      row.hidden = false;
      say();
      row.scrollIntoView({ block: "center" });
    }
    readAddress();
    form.hidden = false;
    // On a narrow screen the filters are folded, so that the first view holds townships.
    if (window.matchMedia("(max-width:600px)").matches) { form.parentNode.open = false; }
    filter();
    jump();
    window.addEventListener("hashchange", jump);
  }

  document.querySelectorAll("table.sortable").forEach(function (table) {
    var ordered = makeSortable(table);
    var form = document.getElementById("filters");
    if (form && table.hasAttribute("data-saved")) { makeFilters(table, form, ordered); }
  });
})();
