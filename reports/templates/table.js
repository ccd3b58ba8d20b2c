"use strict";
(function () {
  var table = document.getElementById("township-table");
  var body = table.tBodies[0];
  var rows = Array.from(body.rows);
  var form = document.getElementById("filters");
  var text = document.getElementById("filter-text");
  var state = document.getElementById("filter-state");
  var security = document.getElementById("filter-security");
  var count = document.getElementById("filter-count");

  function value(row, column) {
    return row.cells[column].textContent.trim();
  }
  function amount(words) {
    if (words.indexOf("fewer than") === 0) { return 5; }
    var found = parseFloat(words.replace(/,/g, ""));
    return isNaN(found) ? null : found;
  }
  function filter() {
    var wanted = text.value.trim().toLowerCase();
    var shown = 0;
    rows.forEach(function (row) {
      var names = (value(row, 0) + " " + value(row, 1) + " " + value(row, 2)).toLowerCase();
      var keep = names.indexOf(wanted) >= 0 &&
        (!state.value || value(row, 3) === state.value) &&
        (!security.value || value(row, 4) === security.value);
      row.hidden = !keep;
      shown += keep ? 1 : 0;
    });
    count.textContent = shown + " shown";
  }
  function sort(header, column) {
    var up = header.getAttribute("aria-sort") !== "ascending";
    var numeric = header.classList.contains("n");
    Array.from(table.tHead.rows[0].cells).forEach(function (cell) { cell.removeAttribute("aria-sort"); });
    header.setAttribute("aria-sort", up ? "ascending" : "descending");
    rows.sort(function (a, b) {
      var x = value(a, column), y = value(b, column);
      if (numeric) {
        x = amount(x); y = amount(y);
        if (x === null || y === null) { return (x === null) - (y === null); }
        return up ? x - y : y - x;
      }
      return up ? x.localeCompare(y) : y.localeCompare(x);
    });
    rows.forEach(function (row) { body.appendChild(row); });
  }
  Array.from(table.tHead.rows[0].cells).forEach(function (header, column) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = header.textContent;
    header.textContent = "";
    header.appendChild(button);
    button.addEventListener("click", function () { sort(header, column); });
  });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  [text, state, security].forEach(function (control) { control.addEventListener("input", filter); });
  form.hidden = false;
})();
