/** Reads files for upload, chosen or dropped on the page. */

/** Return the content of a file as base64. */
export function base64(file) {
  if (!file.size) return Promise.reject(new Error(`${file.name} is empty, or a folder.`));
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
    reader.onerror = () => reject(new Error(`${file.name} cannot be read.`));
    reader.readAsDataURL(file);
  });
}

const hasFiles = (event) => event.dataTransfer?.types.includes('Files');

/** Accept files that are dropped on a node, and mark it while files are over it. */
export function dropping(node, take) {
  let depth = 0; // each child sends its own enter and leave events
  const over = (step) => {
    depth = Math.max(0, depth + step);
    node.classList.toggle('dropping', depth > 0);
  };
  node.addEventListener('dragenter', (event) => hasFiles(event) && over(1));
  node.addEventListener('dragleave', (event) => hasFiles(event) && over(-1));
  node.addEventListener('dragover', (event) => hasFiles(event) && event.preventDefault());
  node.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    over(-depth);
    take(event.dataTransfer.files);
  });
}
