import "./card.css";
import "./compact.css";
import "./board.css";
import "./sidebar.css";
import "./status.css";
