"use strict";
(function () {
  var button = document.getElementById("save-months");
  var fold = document.getElementById("months-table");

  // What is not reported is an empty cell in the file; a class is its code, which the class of the cell holds.
  function plain(cell) {
    if (cell.className === "gap") { return ""; }
    if (cell.className === "chip-suppressed") { return "fewer than 10"; }
    if (cell.className.indexOf("chip-") === 0) { return cell.className.split(" ")[0].slice(5); }
    return cell.firstChild.data.trim().replace(/,/g, "") + (cell.tagName === "TH" ? "-01" : "");
  }
  function file() {
    var note = button.getAttribute("data-note");
    var table = fold.querySelector("table");
    var names = Array.from(table.tHead.rows[0].cells, function (cell) { return cell.getAttribute("data-column"); });
    var held = names.map(function () { return { left: 0 }; });  // cells that reach over several rows
    var lines = Array.from(table.tBodies[0].rows, function (row) {
      var own = Array.from(row.cells), provisional = row.querySelector("abbr") ? "true" : "false";
      held = held.map(function (one) {
        if (one.left) { return { cell: one.cell, left: one.left - 1 }; }
        var cell = own.shift();
        return { cell: cell, left: cell.rowSpan - 1 };
      });
      return [button.getAttribute("data-code")].concat(held.map(function (one) { return plain(one.cell); }), provisional, note || []);
    }).reverse();
    lines.unshift(["adm3_pcode"].concat(names, "provisional", note ? "note" : []));
    return lines.map(function (cells) { return cells.join(","); }).join("\n") + "\n";
  }
  button.addEventListener("click", function () {
    var address = URL.createObjectURL(new Blob([file()], { type: "text/csv;charset=utf-8" }));
    var link = document.createElement("a");
    link.href = address;
    link.download = button.getAttribute("data-file");
    link.click();
    setTimeout(function () { URL.revokeObjectURL(address); }, 10000);
  });
  button.hidden = false;
})();
