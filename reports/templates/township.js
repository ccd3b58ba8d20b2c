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
    var lines = [["adm3_pcode"].concat(names, "provisional", note ? "note" : [])];
    Array.from(table.tBodies[0].rows).reverse().forEach(function (row) {
      var provisional = row.querySelector("abbr") ? "true" : "false";
      lines.push([button.getAttribute("data-code")].concat(Array.from(row.cells, plain), provisional, note || []));
    });
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
